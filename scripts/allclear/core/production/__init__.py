"""What touches production: rollbacks, actions, smoke runs, evidence, freeze, hotfixes; who allows them."""
