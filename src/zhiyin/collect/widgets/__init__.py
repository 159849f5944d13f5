"""The website widget 网站弹窗问卷: rules by which a site asks its visitors."""
