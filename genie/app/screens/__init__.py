"""The screens of the window besides play itself: choosing, starting, drawing, keys, calibration."""
