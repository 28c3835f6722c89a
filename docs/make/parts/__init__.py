"""What the documentation build is made of: one module for each subject."""
