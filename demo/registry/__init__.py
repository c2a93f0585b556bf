"""An invented register of 澄湾区: about 25,000 dwellings, 60,000 people, 4,000 legal entities. Nobody in it is real.

`district.district(today, share)` tells it: plain records, the same for the same day and share on every machine. Codes
in the records are those of the population app's choices. How it is made, in this order:

* `places`: every house of the estates has a standard address; three houses of each estate are open in the register (all
  of them in lanes, hamlets and in the community 990105001002), and all door numbers along the streets. Old estates have
  six floors without a lift, towers up to 26 with one, some without a 4th, 13th or 14th floor.
* `families`: who lives behind each door. Mothers are 20 to 38 years older than their children, partners within eight
  years of each other. Let dwellings hold tenants, sharers or dormitories, and often an owner who is registered there
  and lives elsewhere (户在人不在); whoever lives here on a register elsewhere is 人在户不在.
* `moves`: the last five years. Whoever moved in lately came from outside or from another dwelling of the district,
  where somebody else followed; some left the district for good. Heads who died were replaced.
* `owners`, `entities`, `spaces`: shares add up to one; bodies sit in shops and offices; basements wait for inspection.
* `faults`: what is wrong on purpose, about one person in a hundred; each is listed in `District.faults`:
  no_phone, no_number (an adult without), duplicate_typo, duplicate_old_number (a second record of the same person, with
  one character of the name mistaken and no number, or with the old number of 15 digits), child_alone (a household of
  children), no_head, dead_current (died, and the residency goes on), born_later (lives there since before their birth),
  wrong_number (the check character does not fit).

Identity numbers carry right check characters and the region 990105, which no county has; permits of people from Hong
Kong, Macau and Taiwan the regions 990181 to 990183, cards of foreigners 990156, passports the letters XX, credit codes
the area 990105, telephone numbers prefixes that no carrier uses. None of them can be anybody's.
"""
