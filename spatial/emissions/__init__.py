"""What travel emits, from published result rows and sourced factors."""
