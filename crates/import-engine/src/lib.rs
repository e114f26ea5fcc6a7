//! Bytes of a delimited text file become checked, typed rows. Knows no tenant, database, HTTP or umroh.
