-- By which distribution somebody was asked, and why she was not or is no more.

ALTER TABLE exposures ADD COLUMN distribution INTEGER;
ALTER TABLE exposures ADD COLUMN reason INTEGER;
