"""Labels: a font that is embedded, text that stays in its box; needs the `labels` extra."""
