"""What a snapshot costs: measured as it is made (the receipt), and told before (the prediction)."""
