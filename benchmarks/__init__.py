"""What ecrmock costs, as ratios against its peers, measured side by side in one run."""
