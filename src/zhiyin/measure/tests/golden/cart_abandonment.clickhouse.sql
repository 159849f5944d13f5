SELECT
  "t8"."channel" AS "channel",
  "t8"."customer" AS "customer",
  "t8"."num" AS "num",
  CAST(CASE
    WHEN "t8"."occurred_at" < parseDateTimeBestEffort('2026-02-01T00:00:00')
    THEN 0
    ELSE 1
  END AS Nullable(Int32)) AS "period"
FROM (
  SELECT
    *
  FROM (
    SELECT
      "t6"."seq" AS "seq",
      "t6"."id" AS "id",
      "t6"."source" AS "source",
      "t6"."occurred_at" AS "occurred_at",
      "t6"."received_at" AS "received_at",
      "t6"."customer" AS "customer",
      "t6"."role" AS "role",
      "t6"."unit" AS "unit",
      "t6"."about_kind" AS "about_kind",
      "t6"."about_id" AS "about_id",
      "t6"."experienced_at" AS "experienced_at",
      "t6"."name" AS "name",
      "t6"."touchpoint" AS "touchpoint",
      "t6"."channel" AS "channel",
      "t6"."session" AS "session",
      "t6"."properties" AS "properties",
      "t6"."filled" AS "filled",
      "t6"."ordered" AS "ordered",
      "t6"."at" AS "at",
      "t6"."order_at" AS "order_at",
      "t6"."first_seq" AS "first_seq",
      1 - COALESCE(
        CASE
          WHEN DATE_DIFF(MICROSECOND, "t6"."occurred_at", "t6"."order_at") <= 86400000000
          THEN 1
          ELSE 0
        END,
        0
      ) AS "num"
    FROM (
      SELECT
        "t5"."seq" AS "seq",
        "t5"."id" AS "id",
        "t5"."source" AS "source",
        "t5"."occurred_at" AS "occurred_at",
        "t5"."received_at" AS "received_at",
        "t5"."customer" AS "customer",
        "t5"."role" AS "role",
        "t5"."unit" AS "unit",
        "t5"."about_kind" AS "about_kind",
        "t5"."about_id" AS "about_id",
        "t5"."experienced_at" AS "experienced_at",
        "t5"."name" AS "name",
        "t5"."touchpoint" AS "touchpoint",
        "t5"."channel" AS "channel",
        "t5"."session" AS "session",
        "t5"."properties" AS "properties",
        "t5"."filled" AS "filled",
        "t5"."ordered" AS "ordered",
        "t5"."at" AS "at",
        "t5"."order_at" AS "order_at",
        FIRST_VALUE("t5"."seq") OVER (
          PARTITION BY "t5"."session"
          ORDER BY "t5"."occurred_at" ASC, "t5"."seq" ASC
          ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
        ) AS "first_seq"
      FROM (
        SELECT
          *
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
            "t3"."filled" AS "filled",
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
              CASE WHEN "t1"."name" IN (1455, 1652, 1998) THEN 1 ELSE 0 END AS "filled",
              CASE WHEN "t1"."name" IN (1882) THEN 1 ELSE 0 END AS "ordered",
              CASE
                WHEN CASE WHEN "t1"."name" IN (1882) THEN 1 ELSE 0 END = 1
                THEN "t1"."occurred_at"
                ELSE CAST(NULL AS Nullable(DateTime64(6)))
              END AS "at"
            FROM "events" AS "t1"
            WHERE
              "t1"."name" IN (1455, 1652, 1882, 1998)
          ) AS "t3"
        ) AS "t4"
        WHERE
          "t4"."filled" = 1 AND isNotNull("t4"."session")
      ) AS "t5"
    ) AS "t6"
    WHERE
      "t6"."seq" = "t6"."first_seq"
      AND "t6"."occurred_at" < parseDateTimeBestEffort('2026-02-28T00:00:00')
  ) AS "t7"
  WHERE
    "t7"."occurred_at" >= parseDateTimeBestEffort('2026-01-01T00:00:00')
    AND "t7"."occurred_at" < parseDateTimeBestEffort('2026-03-01T00:00:00')
    AND CAST("t7"."channel" IN (
      SELECT
        "t0"."code" AS "code"
      FROM "words" AS "t0"
      WHERE
        "t0"."domain" = 'channel' AND "t0"."word" = 'app'
    ) AS Nullable(Bool))
) AS "t8"
