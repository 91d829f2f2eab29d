"""Who may see raw records, for how long they are kept, and how they are erased."""
