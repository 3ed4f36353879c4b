"""Draws a process: columns, rows, lanes, routed flows and labels. Knows shapes and flows, not what they do."""
