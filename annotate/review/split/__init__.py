"""Ways to take a group apart; each says for every face of the group which side it is on."""
