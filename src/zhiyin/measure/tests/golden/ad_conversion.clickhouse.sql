SELECT
  "t6"."channel" AS "channel",
  "t6"."customer" AS "customer",
  "t6"."num" AS "num",
  CAST(CASE
    WHEN "t6"."occurred_at" < parseDateTimeBestEffort('2026-02-01T00:00:00')
    THEN 0
    ELSE 1
  END AS Nullable(Int32)) AS "period"
FROM (
  SELECT
    *
  FROM (
    SELECT
      "t4"."seq" AS "seq",
      "t4"."id" AS "id",
      "t4"."source" AS "source",
      "t4"."occurred_at" AS "occurred_at",
      "t4"."received_at" AS "received_at",
      "t4"."customer" AS "customer",
      "t4"."role" AS "role",
      "t4"."unit" AS "unit",
      "t4"."about_kind" AS "about_kind",
      "t4"."about_id" AS "about_id",
      "t4"."experienced_at" AS "experienced_at",
      "t4"."name" AS "name",
      "t4"."touchpoint" AS "touchpoint",
      "t4"."channel" AS "channel",
      "t4"."session" AS "session",
      "t4"."properties" AS "properties",
      "t4"."clicked" AS "clicked",
      "t4"."ordered" AS "ordered",
      "t4"."at" AS "at",
      "t4"."order_at" AS "order_at",
      COALESCE(
        CASE
          WHEN DATE_DIFF(MICROSECOND, "t4"."occurred_at", "t4"."order_at") <= 604800000000
          THEN 1
          ELSE 0
        END,
        0
      ) AS "num"
    FROM (
      SELECT
        "t3"."seq" AS "seq",
        "t3"."id" AS "id",
        "t3"."source" AS "source",
        "t3"."occurred_at" AS "occurred_at",
        "t3"."received_at" AS "received_at",
        "t3"."customer" AS "customer",
        "t3"."role" AS "role",
        "t3"."unit" AS "unit",
        "t3"."about_kind" AS "about_kind",
        "t3"."about_id" AS "about_id",
        "t3"."experienced_at" AS "experienced_at",
        "t3"."name" AS "name",
        "t3"."touchpoint" AS "touchpoint",
        "t3"."channel" AS "channel",
        "t3"."session" AS "session",
        "t3"."properties" AS "properties",
        "t3"."clicked" AS "clicked",
        "t3"."ordered" AS "ordered",
        "t3"."at" AS "at",
        MIN("t3"."at") OVER (
          PARTITION BY "t3"."customer"
          ORDER BY "t3"."occurred_at" ASC, "t3"."seq" ASC
          ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING
        ) AS "order_at"
      FROM (
        SELECT
          "t1"."seq" AS "seq",
          "t1"."id" AS "id",
          "t1"."source" AS "source",
          "t1"."occurred_at" AS "occurred_at",
          "t1"."received_at" AS "received_at",
          "t1"."customer" AS "customer",
          "t1"."role" AS "role",
          "t1"."unit" AS "unit",
          "t1"."about_kind" AS "about_kind",
          "t1"."about_id" AS "about_id",
          "t1"."experienced_at" AS "experienced_at",
          "t1"."name" AS "name",
          "t1"."touchpoint" AS "touchpoint",
          "t1"."channel" AS "channel",
          "t1"."session" AS "session",
          "t1"."properties" AS "properties",
          CASE WHEN "t1"."name" IN (1301, 2103) THEN 1 ELSE 0 END AS "clicked",
          CASE WHEN "t1"."name" IN (1882) THEN 1 ELSE 0 END AS "ordered",
          CASE
            WHEN CASE WHEN "t1"."name" IN (1882) THEN 1 ELSE 0 END = 1
            THEN "t1"."occurred_at"
            ELSE CAST(NULL AS Nullable(DateTime64(6)))
          END AS "at"
        FROM "events" AS "t1"
        WHERE
          "t1"."name" IN (1301, 1882, 2103)
      ) AS "t3"
    ) AS "t4"
    WHERE
      "t4"."clicked" = 1
      AND "t4"."occurred_at" < parseDateTimeBestEffort('2026-02-22T00:00:00')
  ) AS "t5"
  WHERE
    "t5"."occurred_at" >= parseDateTimeBestEffort('2026-01-01T00:00:00')
    AND "t5"."occurred_at" < parseDateTimeBestEffort('2026-03-01T00:00:00')
    AND CAST("t5"."channel" IN (
      SELECT
        "t0"."code" AS "code"
      FROM "words" AS "t0"
      WHERE
        "t0"."domain" = 'channel' AND "t0"."word" = 'app'
    ) AS Nullable(Bool))
) AS "t6"
