SELECT
  "t4"."channel",
  "t4"."customer",
  "t4"."num",
  CAST(CASE
    WHEN "t4"."occurred_at" < MAKE_TIMESTAMP(2026, 2, 1, 0, 0, 0.0)
    THEN 0
    ELSE 1
  END AS INT) AS "period"
FROM (
  SELECT
    *
  FROM (
    SELECT
      "t0"."seq",
      "t0"."id",
      "t0"."source",
      "t0"."occurred_at",
      "t0"."received_at",
      "t0"."customer",
      "t0"."role",
      "t0"."unit",
      "t0"."about_kind",
      "t0"."about_id",
      "t0"."experienced_at",
      "t0"."response",
      "t0"."survey",
      "t0"."version",
      "t0"."question",
      "t0"."metric",
      "t0"."kind",
      "t0"."score",
      "t0"."scale_min",
      "t0"."scale_max",
      "t0"."direction",
      "t0"."answer_state",
      "t0"."choice",
      "t0"."touchpoint",
      "t0"."channel",
      "t0"."arm",
      "t0"."weight",
      "t0"."d_state",
      CAST(CAST(CASE WHEN "t0"."score" > 3 THEN 1 WHEN "t0"."score" < 3 THEN -1 ELSE 0 END AS SMALLINT) AS TINYINT) AS "num"
    FROM "answers" AS "t0"
    WHERE
      "t0"."answer_state" = 2153
      AND NOT "t0"."score" IS NULL
      AND "t0"."metric" IN (1071, 1289)
  ) AS "t3"
  WHERE
    "t3"."occurred_at" >= MAKE_TIMESTAMP(2026, 1, 1, 0, 0, 0.0)
    AND "t3"."occurred_at" < MAKE_TIMESTAMP(2026, 3, 1, 0, 0, 0.0)
    AND "t3"."channel" IN (
      SELECT
        "t1"."code"
      FROM "words" AS "t1"
      WHERE
        "t1"."domain" = 'channel' AND "t1"."word" = 'app'
    )
) AS "t4"
