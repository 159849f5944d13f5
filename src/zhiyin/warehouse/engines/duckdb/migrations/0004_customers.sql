-- Tables derived from the facts, by customer: an index over time, what finds her, what is known of her.

CREATE TABLE timeline (customer_key INTEGER, occurred_at TIMESTAMP, tbl UTINYINT, seq BIGINT, batch INTEGER, what INTEGER, touchpoint INTEGER, channel INTEGER);
CREATE TABLE finder (hash UBIGINT, customer_key INTEGER, tbl UTINYINT, seq BIGINT, batch INTEGER);
CREATE TABLE customers (key INTEGER, first_at TIMESTAMP, last_at TIMESTAMP, events BIGINT, last_event_at TIMESTAMP, orders BIGINT, first_order_at TIMESTAMP, last_order_at TIMESTAMP, refunds BIGINT, contacts BIGINT, last_contact_at TIMESTAMP, answers BIGINT, last_answer_at TIMESTAMP, verbatims BIGINT, nps DOUBLE, nps_at TIMESTAMP, csat DOUBLE, csat_at TIMESTAMP, ces DOUBLE, ces_at TIMESTAMP);
CREATE TABLE current_traits (name INTEGER, customer_key INTEGER, value VARCHAR, occurred_at TIMESTAMP, seq BIGINT);
