"""One file per stage of a delivery: first what people may do, then what the stage itself does."""
