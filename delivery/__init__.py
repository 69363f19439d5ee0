"""Same-city delivery: orders that riders carry, dispatch, prices."""
