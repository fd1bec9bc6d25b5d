"""The TRUSTED side: the pytest plugin, its fixtures, comparisons and outcomes. Never imports student code."""
