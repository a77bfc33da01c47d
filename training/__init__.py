"""Fit and measure the models that `quotes` ships: corpora readers, one fit per model, the gate."""
