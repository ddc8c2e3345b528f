"""What do people file? Reports: views of balances and quality facts, on whatever paper."""
