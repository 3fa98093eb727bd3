"""Files in and out: catalogues, village lists and the tables that they are read from."""
