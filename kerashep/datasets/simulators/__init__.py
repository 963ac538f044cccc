"""Event simulators in plain NumPy: kinematics, detector, reconstruction, processes."""
