"""What commands do, without their options: each job makes a result of a source or a store."""
