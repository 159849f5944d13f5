-- Rules of any column, where there were those of touchpoints: the first that holds gives its word.

CREATE TABLE rules (ruled VARCHAR NOT NULL, place INTEGER NOT NULL, tbl VARCHAR NOT NULL, rule VARCHAR NOT NULL, zone VARCHAR NOT NULL, code INTEGER NOT NULL);
INSERT INTO rules SELECT 'touchpoint', place, '', rule, zone, touchpoint FROM touchpoint_rules;
DROP TABLE touchpoint_rules;

-- Columns whose rules hold for facts that name a word of their own, too.
CREATE TABLE rules_come_first (ruled VARCHAR NOT NULL);
