"""Agent streams (MTConnectStreams XML): documents in, batches and gaps out."""
