"""The steps of the work, one file each; ``autotime.pipeline`` tells them in order."""
