-- Erasure and retention. Rows that an erasure or a rule of retention names are read by nobody;
-- writing the file anew leaves them out.

CREATE TABLE erased_keys (key INTEGER NOT NULL, erasure VARCHAR NOT NULL, erased_at TIMESTAMP NOT NULL);
CREATE TABLE erased_ids (hash VARCHAR NOT NULL, erasure VARCHAR NOT NULL, erased_at TIMESTAMP NOT NULL);
CREATE TABLE kept_since (tbl VARCHAR NOT NULL, pattern VARCHAR NOT NULL, since TIMESTAMP NOT NULL);
CREATE TABLE rights (name VARCHAR NOT NULL, value VARCHAR NOT NULL);
CREATE TABLE rewritten (erasures VARCHAR NOT NULL, removed VARCHAR NOT NULL, began_at TIMESTAMP NOT NULL, ended_at TIMESTAMP NOT NULL);

ALTER TABLE consents ADD COLUMN evidence VARCHAR;
