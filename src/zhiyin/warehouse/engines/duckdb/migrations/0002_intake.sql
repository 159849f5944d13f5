-- What intake refused, and what names and properties there are. How far the journal is in the log
-- stands in `counters` as 'journal'.

CREATE TABLE refusals (number BIGINT NOT NULL, received_at TIMESTAMP NOT NULL, source VARCHAR NOT NULL, wire VARCHAR NOT NULL, about VARCHAR NOT NULL, code VARCHAR NOT NULL, sentence VARCHAR NOT NULL, blanks VARCHAR NOT NULL, body BLOB NOT NULL, state VARCHAR NOT NULL, settled_at TIMESTAMP);
CREATE TABLE catalogue (name VARCHAR NOT NULL, property VARCHAR NOT NULL, kind VARCHAR NOT NULL, n BIGINT NOT NULL, examples VARCHAR[] NOT NULL, first_at TIMESTAMP NOT NULL, last_at TIMESTAMP NOT NULL);
CREATE TABLE blocked (name VARCHAR NOT NULL, n BIGINT NOT NULL, last_at TIMESTAMP NOT NULL);
