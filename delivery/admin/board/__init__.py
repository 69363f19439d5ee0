"""调度台: who waits for a rider, what is at risk, what is under way, and who rides."""
