-- What the last version that had read everything found in a verbatim, kept when another reads it
-- anew; read as `earlier_clauses`. Of one version at a time.

CREATE TABLE earlier_findings (
    verbatim BIGINT NOT NULL,
    place INTEGER NOT NULL,
    starts INTEGER NOT NULL,
    ends INTEGER NOT NULL,
    language INTEGER NOT NULL,
    polarity INTEGER NOT NULL,
    aspect INTEGER,
    read_by INTEGER NOT NULL
);

-- Which versions have read everything that there was, and when each last had.
CREATE TABLE whole_readings (
    read_by INTEGER NOT NULL,
    ended_at TIMESTAMP NOT NULL
);

INSERT INTO whole_readings
SELECT any_value(read_by), current_timestamp AT TIME ZONE 'UTC' FROM readings
HAVING count(DISTINCT read_by) = 1;
