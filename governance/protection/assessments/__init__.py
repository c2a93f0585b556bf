"""Impact assessments: what the law asks before a use of people's data begins."""
