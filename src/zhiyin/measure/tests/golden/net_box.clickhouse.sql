SELECT
  "t4"."channel" AS "channel",
  "t4"."customer" AS "customer",
  "t4"."num" AS "num",
  CAST(CASE
    WHEN "t4"."occurred_at" < parseDateTimeBestEffort('2026-02-01T00:00:00')
    THEN 0
    ELSE 1
  END AS Nullable(Int32)) AS "period"
FROM (
  SELECT
    *
  FROM (
    SELECT
      "t0"."seq" AS "seq",
      "t0"."id" AS "id",
      "t0"."source" AS "source",
      "t0"."occurred_at" AS "occurred_at",
      "t0"."received_at" AS "received_at",
      "t0"."customer" AS "customer",
      "t0"."role" AS "role",
      "t0"."unit" AS "unit",
      "t0"."about_kind" AS "about_kind",
      "t0"."about_id" AS "about_id",
      "t0"."experienced_at" AS "experienced_at",
      "t0"."response" AS "response",
      "t0"."survey" AS "survey",
      "t0"."version" AS "version",
      "t0"."question" AS "question",
      "t0"."metric" AS "metric",
      "t0"."kind" AS "kind",
      "t0"."score" AS "score",
      "t0"."scale_min" AS "scale_min",
      "t0"."scale_max" AS "scale_max",
      "t0"."direction" AS "direction",
      "t0"."answer_state" AS "answer_state",
      "t0"."choice" AS "choice",
      "t0"."touchpoint" AS "touchpoint",
      "t0"."channel" AS "channel",
      "t0"."arm" AS "arm",
      "t0"."weight" AS "weight",
      "t0"."d_state" AS "d_state",
      CAST(CAST(CASE WHEN "t0"."score" > 3 THEN 1 WHEN "t0"."score" < 3 THEN -1 ELSE 0 END AS Nullable(Int16)) AS Nullable(Int8)) AS "num"
    FROM "answers" AS "t0"
    WHERE
      "t0"."answer_state" = 2153
      AND isNotNull("t0"."score")
      AND "t0"."metric" IN (1071, 1289)
  ) AS "t3"
  WHERE
    "t3"."occurred_at" >= parseDateTimeBestEffort('2026-01-01T00:00:00')
    AND "t3"."occurred_at" < parseDateTimeBestEffort('2026-03-01T00:00:00')
    AND CAST("t3"."channel" IN (
      SELECT
        "t1"."code" AS "code"
      FROM "words" AS "t1"
      WHERE
        "t1"."domain" = 'channel' AND "t1"."word" = 'app'
    ) AS Nullable(Bool))
) AS "t4"
