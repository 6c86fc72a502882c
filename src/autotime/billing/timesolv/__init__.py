"""TimeSolv: its people, clients, codes and time cards are read; time goes there by its import file (``layouts``)."""
