SELECT
  "t7"."channel" AS "channel",
  "t7"."customer" AS "customer",
  "t7"."num" AS "num",
  CAST(CASE
    WHEN "t7"."occurred_at" < parseDateTimeBestEffort('2026-02-01T00:00:00')
    THEN 0
    ELSE 1
  END AS Nullable(Int32)) AS "period"
FROM (
  SELECT
    *
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
      "t5"."viewed" AS "viewed",
      "t5"."happened" AS "happened",
      "t5"."in_session_viewed" AS "in_session_viewed",
      "t5"."in_session_happened" AS "in_session_happened",
      "t5"."first_seq" AS "first_seq",
      CASE
        WHEN (
          "t5"."in_session_happened" = 1
        ) AND (
          "t5"."in_session_viewed" = 1
        )
        THEN 1
        ELSE 0
      END AS "num"
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
        "t4"."viewed" AS "viewed",
        "t4"."happened" AS "happened",
        "t4"."in_session_viewed" AS "in_session_viewed",
        "t4"."in_session_happened" AS "in_session_happened",
        FIRST_VALUE("t4"."seq") OVER (
          PARTITION BY "t4"."session"
          ORDER BY "t4"."occurred_at" ASC, "t4"."seq" ASC
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
          "t3"."viewed" AS "viewed",
          "t3"."happened" AS "happened",
          SUM("t3"."viewed") OVER (
            PARTITION BY "t3"."session"
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
          ) AS "in_session_viewed",
          SUM("t3"."happened") OVER (
            PARTITION BY "t3"."session"
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
          ) AS "in_session_happened"
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
            CASE WHEN "t1"."name" IN (830, 1309, 1442) THEN 1 ELSE 0 END AS "viewed",
            1 AS "happened"
          FROM "events" AS "t1"
          WHERE
            isNotNull("t1"."session")
        ) AS "t3"
      ) AS "t4"
    ) AS "t5"
    WHERE
      "t5"."seq" = "t5"."first_seq" AND "t5"."in_session_viewed" > 0
  ) AS "t6"
  WHERE
    "t6"."occurred_at" >= parseDateTimeBestEffort('2026-01-01T00:00:00')
    AND "t6"."occurred_at" < parseDateTimeBestEffort('2026-03-01T00:00:00')
    AND CAST("t6"."channel" IN (
      SELECT
        "t0"."code" AS "code"
      FROM "words" AS "t0"
      WHERE
        "t0"."domain" = 'channel' AND "t0"."word" = 'app'
    ) AS Nullable(Bool))
) AS "t7"
