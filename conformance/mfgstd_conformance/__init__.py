"""The judge: plans, drives, records and decides; its peers carry the ground truth."""
