"""One module a question; each has `run(ground)`, which returns its figures or raises Void."""
