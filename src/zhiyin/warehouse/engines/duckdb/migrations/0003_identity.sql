-- Who says that two ids are one, and on what evidence; which links a guard holds back; the limit.

ALTER TABLE identities ADD COLUMN "linked_by" INTEGER;
ALTER TABLE identities ADD COLUMN "evidence" VARCHAR;
CREATE TABLE held (key INTEGER NOT NULL, other INTEGER NOT NULL, guard VARCHAR NOT NULL);
CREATE TABLE identity_limits (customers INTEGER NOT NULL, set_at TIMESTAMP NOT NULL);
