-- Where what a clause means lies: four bytes that name the space, then a signed byte for each of its
-- directions. Null where it was read without an embedder, or before there were points.

ALTER TABLE findings ADD COLUMN point BLOB;
