"""What is for the site's owner: what readers asked and thought, and the page `/admin`."""
