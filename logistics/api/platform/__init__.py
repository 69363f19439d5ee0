"""`/api/platform/cainiao`: the logistics console for operators' programs (seed 001, 4.1)."""
