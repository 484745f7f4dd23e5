"""What a report means, by whichever way it came: values, conditions, states, series, assets."""
