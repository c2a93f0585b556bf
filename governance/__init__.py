"""Liren's project package and shared kernel; knows no domain app."""
