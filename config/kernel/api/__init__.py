"""Our doors speak one shape: `{code, message, data}`, real statuses, truthful OpenAPI."""
