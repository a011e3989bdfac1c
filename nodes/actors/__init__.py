"""In which order things happen: a bounded mailbox per charging point, and the actors behind them."""
