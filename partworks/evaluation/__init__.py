"""How well segments and parts agree with parts that are known to be true."""
