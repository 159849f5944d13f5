SELECT
  "t9"."channel" AS "channel",
  "t9"."customer" AS "customer",
  "t9"."num" AS "num",
  "t9"."den" AS "den",
  CAST(CASE
    WHEN "t9"."occurred_at" < parseDateTimeBestEffort('2026-02-01T00:00:00')
    THEN 0
    ELSE 1
  END AS Nullable(Int32)) AS "period"
FROM (
  SELECT
    *
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
        "t6"."in_session_ordered" AS "num",
        1 AS "den"
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
          "t5"."ordered" AS "ordered",
          "t5"."in_session_ordered" AS "in_session_ordered",
          FIRST_VALUE("t5"."seq") OVER (
            PARTITION BY "t5"."session"
            ORDER BY "t5"."occurred_at" ASC, "t5"."seq" ASC
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
          ) AS "first_seq"
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
            "t3"."ordered" AS "ordered",
            SUM("t3"."ordered") OVER (
              PARTITION BY "t3"."session"
              ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
            ) AS "in_session_ordered"
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
              "t0"."name" AS "name",
              "t0"."touchpoint" AS "touchpoint",
              "t0"."channel" AS "channel",
              "t0"."session" AS "session",
              "t0"."properties" AS "properties",
              CASE WHEN "t0"."name" IN (1882) THEN 1 ELSE 0 END AS "ordered"
            FROM "events" AS "t0"
            WHERE
              isNotNull("t0"."session")
          ) AS "t3"
        ) AS "t5"
      ) AS "t6"
      WHERE
        "t6"."seq" = "t6"."first_seq"
    ) AS "t7"
    UNION ALL
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
        "t0"."name" AS "name",
        "t0"."touchpoint" AS "touchpoint",
        "t0"."channel" AS "channel",
        "t0"."session" AS "session",
        "t0"."properties" AS "properties",
        1 AS "num",
        0 AS "den"
      FROM "events" AS "t0"
      WHERE
        isNull("t0"."session") AND CASE WHEN "t0"."name" IN (1882) THEN 1 ELSE 0 END = 1
    ) AS "t4"
  ) AS "t8"
  WHERE
    "t8"."occurred_at" >= parseDateTimeBestEffort('2026-01-01T00:00:00')
    AND "t8"."occurred_at" < parseDateTimeBestEffort('2026-03-01T00:00:00')
    AND CAST("t8"."channel" IN (
      SELECT
        "t1"."code" AS "code"
      FROM "words" AS "t1"
      WHERE
        "t1"."domain" = 'channel' AND "t1"."word" = 'app'
    ) AS Nullable(Bool))
) AS "t9"
