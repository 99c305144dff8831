"""What a city is: frozen layers that open no file and compute no indicator."""
