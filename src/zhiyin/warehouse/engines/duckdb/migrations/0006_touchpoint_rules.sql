-- Which touchpoint an event is at that came without one: the first rule that holds.

CREATE TABLE touchpoint_rules (place INTEGER NOT NULL, rule VARCHAR NOT NULL, zone VARCHAR NOT NULL, touchpoint INTEGER NOT NULL);
