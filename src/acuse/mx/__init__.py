"""Mexico: its documents, its authorities and the features built on them."""
