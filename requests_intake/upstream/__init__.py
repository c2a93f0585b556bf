"""Tables of the upstream hotline: which fields there are, what a row says, what goes back. Reads only."""
