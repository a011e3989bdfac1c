"""Networks to drive in: real processes on this machine; later, a simulated one and a deployed one."""
