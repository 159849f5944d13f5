"""Every address that the web process answers."""

from __future__ import annotations

from django.urls import path

from zhiyin.web.views import (
    catalogue,
    customers,
    data,
    events,
    health,
    home,
    identity,
    joining,
    keys,
    language,
    matches,
    organisation,
    people,
    rights,
    scores,
    segments,
    signing,
    touchpoints,
    trail,
)

urlpatterns = [
    path("", home.home, name="home"),
    path("sign-in/", signing.SignIn.as_view(), name="sign-in"),
    path("sign-out/", signing.sign_out, name="sign-out"),
    path("password/", signing.password, name="password"),
    path("password/forgotten/", signing.forgotten, name="forgotten"),
    path("password/new/<str:number>/<str:token>/", signing.new_password, name="new-password"),
    path("join/<str:token>/", joining.join, name="join"),
    path("me/", signing.me, name="me"),
    path("language/", language.choose, name="language"),
    path("<slug:slug>/", home.enter, name="enter"),
    path("<slug:slug>/settings/", organisation.workspace, name="workspace"),
    path("<slug:slug>/settings/people/", people.everybody, name="people"),
    path("<slug:slug>/settings/people/<int:number>/", people.member, name="member"),
    path(
        "<slug:slug>/settings/people/<int:number>/remove/",
        people.remove_member,
        name="remove-member",
    ),
    path(
        "<slug:slug>/settings/people/invitations/<int:number>/withdraw/",
        people.withdraw,
        name="withdraw-invitation",
    ),
    path("<slug:slug>/settings/units/", organisation.tree, name="units"),
    path("<slug:slug>/settings/units/<int:number>/", organisation.unit, name="unit"),
    path(
        "<slug:slug>/settings/units/<int:number>/remove/",
        organisation.remove_unit,
        name="remove-unit",
    ),
    path("<slug:slug>/settings/audit/", trail.audit, name="audit"),
    path("<slug:slug>/settings/audit/export/", trail.export, name="export-audit"),
    path("<slug:slug>/scores/", scores.scores, name="scores"),
    path("<slug:slug>/data/", health.health, name="data"),
    path("<slug:slug>/customers/", customers.customers, name="customers"),
    path("<slug:slug>/customers/export/", customers.export, name="export-customers"),
    path("<slug:slug>/customers/segments/new/", segments.new, name="new-segment"),
    path("<slug:slug>/customers/segments/count/", segments.count, name="count-segment"),
    path("<slug:slug>/customers/segments/<slug:name>/", segments.segment, name="segment"),
    path(
        "<slug:slug>/customers/segments/<slug:name>/remove/", segments.remove, name="remove-segment"
    ),
    path("<slug:slug>/data/dead-letters/", health.dead_letters, name="dead-letters"),
    path("<slug:slug>/data/dead-letters/settle/", health.settle_letters, name="settle-letters"),
    path("<slug:slug>/events/catalogue/", catalogue.catalogue, name="catalogue"),
    path("<slug:slug>/events/catalogue/definition/", catalogue.definition, name="definition"),
    path("<slug:slug>/data/touchpoints/", touchpoints.rules, name="touchpoint-rules"),
    path("<slug:slug>/data/touchpoints/change/", touchpoints.change_rules, name="change-rules"),
    path("<slug:slug>/data/touchpoints/<int:place>/", touchpoints.rule, name="touchpoint-rule"),
    path("<slug:slug>/data/imports/", data.imports, name="imports"),
    path("<slug:slug>/data/keys/", keys.keys, name="keys"),
    path("<slug:slug>/data/keys/<int:number>/revoke/", keys.revoke, name="revoke-key"),
    path("<slug:slug>/events/", events.events, name="events"),
    path("<slug:slug>/events/newest/", events.newest, name="newest-events"),
    path("<slug:slug>/events/pass/", events.stream_pass, name="stream-pass"),
    path("<slug:slug>/events/<int:seq>/", events.event, name="event"),
    # Before the customer's own page, whose address takes any id.
    path("<slug:slug>/customers/suggestions/", matches.matches, name="matches"),
    path(
        "<slug:slug>/customers/suggestions/<int:number>/",
        matches.decide_match,
        name="decide-match",
    ),
    path("<slug:slug>/customers/identity/", identity.rules, name="identity-rules"),
    path("<slug:slug>/customers/why/", matches.why, name="why"),
    path("<slug:slug>/customers/merge/", matches.merge_customers, name="merge-customers"),
    path("<slug:slug>/customers/rights/", rights.customer, name="customer-rights"),
    path("<slug:slug>/customers/rights/export/", rights.export, name="export-customer"),
    path("<slug:slug>/customers/rights/erase/", rights.erase, name="erase-customer"),
    path("<slug:slug>/customers/rights/consent/", rights.record_consent, name="record-consent"),
    path("<slug:slug>/data/rights/", rights.rights, name="rights"),
    path("<slug:slug>/data/rights/retention/", rights.retention, name="retention"),
    path("<slug:slug>/data/rights/receipts/<int:number>/", rights.receipt, name="receipt"),
    path("<slug:slug>/data/demo/", data.remove_demo, name="remove-demo"),
    path("<slug:slug>/data/sample/", data.load_sample, name="load-sample"),
    path("<slug:slug>/customers/<path:who>/", customers.customer, name="customer"),
]

handler400 = "zhiyin.web.faults.not_taken"
handler404 = "zhiyin.web.faults.not_found"
handler500 = "zhiyin.web.faults.our_fault"
