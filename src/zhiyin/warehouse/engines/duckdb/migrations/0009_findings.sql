-- What was found in verbatims, clause by clause; read as `clauses`, beside the verbatim's own columns.

CREATE TABLE findings (
    verbatim BIGINT NOT NULL,
    place INTEGER NOT NULL,
    starts INTEGER NOT NULL,
    ends INTEGER NOT NULL,
    language INTEGER NOT NULL,
    polarity INTEGER NOT NULL,
    probability DOUBLE NOT NULL,
    aspect INTEGER,
    emotion INTEGER,
    intent INTEGER,
    effort INTEGER,
    urgency INTEGER,
    read_by INTEGER NOT NULL
);

-- Which verbatims were read, and by what: in some of them there is nothing to find.
CREATE TABLE readings (
    verbatim BIGINT NOT NULL,
    read_by INTEGER NOT NULL
);
